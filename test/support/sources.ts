// The project's own sources, and what the TypeScript parser sees in them.
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

export const ROOT = resolve(__dirname, '../..');

export interface Import {
  readonly from: string;
  /** The names taken, `*` for all. */
  readonly names: readonly string[];
}
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  /** Names that stand by themselves, and `Object.property` for what is taken of them. */
  readonly uses: ReadonlySet<string>;
}

/** Every file of ours that matches, by its path from the root. */
export function filesLike(...patterns: readonly string[]): readonly string[] {
  return globSync(patterns, { cwd: ROOT, exclude: (path) => /(^|\/)(node_modules|dist|coverage)(\/|$)/.test(path) }).sort();
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function parse(path: string, text = textOf(path)): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const imports: Import[] = [];
  const uses = new Set<string>();
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      imports.push({ from: literal(node.moduleSpecifier), names: namesOf(node) });
    } else if (ts.isImportTypeNode(node)) {
      imports.push({ from: node.argument.getText().slice(1, -1), names: ['*'] });
    } else if (ts.isCallExpression(node) && isLoading(node.expression) && node.arguments[0]) {
      imports.push({ from: literal(node.arguments[0]), names: ['*'] });
    }
    if (ts.isIdentifier(node) && standsAlone(node)) uses.add(node.text);
    if (ts.isPropertyAccessExpression(node)) uses.add(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, text, imports, uses };
}

function literal(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : node.getText();
}

function isLoading(node: ts.Expression): boolean {
  return node.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(node) && node.text === 'require');
}

function namesOf(node: ts.ImportDeclaration | ts.ExportDeclaration): readonly string[] {
  const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
  if (!bindings || ts.isNamespaceImport(bindings) || ts.isNamespaceExport(bindings)) return ['*'];
  return bindings.elements.map(({ propertyName, name }) => (propertyName ?? name).text);
}

/** Neither the name of a property nor of something that is declared here. */
function standsAlone(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  return !('name' in parent && parent.name === node) && !('propertyName' in parent && parent.propertyName === node);
}
