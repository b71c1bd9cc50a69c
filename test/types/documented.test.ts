// Every public symbol, and every member of one, has a doc comment.
import path from 'node:path'
import { expect, test } from '@jest/globals'
import ts from 'typescript'

const entry = path.join(__dirname, '../../lib/index.ts')
const program = ts.createProgram([entry], { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, types: ['node'] })
const checker = program.getTypeChecker()

function isDocumented(symbol: ts.Symbol): boolean {
  return symbol.getDocumentationComment(checker).length > 0 || symbol.getJsDocTags(checker).some(({ name }) => name === 'internal')
}

/** What a class or an interface offers: not its type parameters, nor what TypeScript itself adds. */
function membersOf(symbol: ts.Symbol): ts.Symbol[] {
  const members = [...(symbol.members?.values() ?? []), ...(symbol.exports?.values() ?? [])]
  return members.filter(
    ({ name, flags }) =>
      !name.startsWith('__') && name !== 'prototype' && !name.startsWith('#') && (flags & ts.SymbolFlags.TypeParameter) === 0,
  )
}

test('every public symbol and its members are documented', () => {
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!)
  const missing = exported.flatMap((alias) => {
    const symbol = (alias.flags & ts.SymbolFlags.Alias) === 0 ? alias : checker.getAliasedSymbol(alias)
    const members = membersOf(symbol).filter((member) => !isDocumented(member))
    return [...(isDocumented(symbol) ? [] : [symbol.name]), ...members.map((member) => `${symbol.name}.${member.name}`)]
  })
  expect(exported.length).toBeGreaterThan(50)
  expect(missing).toEqual([])
}, 30_000)
