{
  "variables": {
    # One clear line and a failed configure, when the library is missing.
    "library_cflags": ["<!@(node scripts/pkg-config.js --cflags libmnl)"],
    "library_libs": ["<!@(node scripts/pkg-config.js --libs libmnl)"],
    "werror": "<!(node -p \"process.env.CI || process.env.NETPRIM_WERROR ? 1 : 0\")",
  },
  "targets": [
    {
      "target_name": "netprim",
      "dependencies": ["<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except"],
      # The folder is the list: every native/*.cc is part of the addon.
      "sources": [
        "<!@(node -p \"require('fs').readdirSync('native').filter(f => f.endsWith('.cc')).sort().map(f => 'native/' + f).join(' ')\")",
      ],
      "defines": [
        "NAPI_VERSION=9",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        # In an environment that is being torn down nothing can be thrown; without this the process would end.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
        "_GNU_SOURCE",
        "_FORTIFY_SOURCE=2",
        "_GLIBCXX_ASSERTIONS",
      ],
      "cflags_cc": [
        "-std=c++20",
        "-O2",
        "-Wall",
        "-Wextra",
        "-fvisibility=hidden",
        "-fstack-protector-strong",
        "-fstack-clash-protection",
        "<@(library_cflags)",
      ],
      "libraries": ["<@(library_libs)"],
      "ldflags": [
        "-Wl,-z,relro,-z,now",
        "-Wl,-z,noexecstack",
        "-Wl,--as-needed",
        # libmnl lies beside a prebuilt addon.
        "-Wl,-rpath,'$$ORIGIN'",
      ],
      "conditions": [
        ["target_arch=='x64'", { "cflags_cc": ["-fcf-protection"] }],
        ["target_arch=='arm64'", { "cflags_cc": ["-mbranch-protection=standard"] }],
        ["werror==1", { "cflags_cc": ["-Werror"] }],
      ],
    },
  ],
}
