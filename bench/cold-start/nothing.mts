/** Program: does nothing, in the form in which the other does something. */
export {}
