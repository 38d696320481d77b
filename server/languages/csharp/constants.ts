import type { Node } from 'web-tree-sitter';

/** The value of the constant that a name means where it stands; undefined where it is none of this document. */
export type ConstantOf = (name: Node) => Node | undefined;

/** What a name may mean, as far as a value can be read of it. */
type Meaning = { readonly value: Node | undefined };

/** Looks names up as C# does: local ones first, then those of each class around them and of its bases. */
export function constantsOf(root: Node): ConstantOf {
  const classes = new Map<string, Node[]>();
  for (const node of root.descendantsOfType('class_declaration')) {
    const name = node.childForFieldName('name')?.text;
    if (name !== undefined) classes.set(name, [...(classes.get(name) ?? []), node]);
  }
  const members = new Map<string, ReadonlyMap<string, Meaning>>();
  const membersOf = (name: string): ReadonlyMap<string, Meaning> => {
    const known = members.get(name);
    if (known !== undefined) return known;
    const found = new Map<string, Meaning>();
    // Entered before its bases are asked, since a circle is broken code.
    members.set(name, found);
    for (const part of classes.get(name) ?? []) {
      for (const base of basesOf(part))
        for (const [member, meaning] of membersOf(base)) if (!found.has(member)) found.set(member, meaning);
    }
    for (const part of classes.get(name) ?? []) addFields(part, found);
    return found;
  };
  return (name) => {
    if (name.type === 'member_access_expression') {
      const parts = name.text.replace(/\s/g, '').split('.');
      const [holder, member] = parts.slice(-2);
      if (holder === undefined || member === undefined) return undefined;
      const qualifier = parts.slice(0, -1).join('.');
      if (parts.length > 2 && classes.get(holder)?.some((part) => isNamed(part, qualifier)) !== true) return undefined;
      const of = holder === 'this' ? enclosing(name, 'class_declaration')?.childForFieldName('name')?.text : holder;
      return of === undefined ? undefined : membersOf(of).get(member)?.value;
    }
    for (let at = name.parent; at !== null; at = at.parent) {
      const meaning =
        at.type === 'class_declaration'
          ? membersOf(at.childForFieldName('name')?.text ?? '').get(name.text)
          : declaredIn(at, name.text);
      if (meaning !== undefined) return meaning.value;
    }
    return undefined;
  };
}

/** Whether a class has a name with its namespace and the classes around it, or the end of that name. */
function isNamed(part: Node, qualified: string): boolean {
  const names: string[] = [];
  for (let at: Node | null = part; at !== null; at = at.parent) {
    if (/^(?:class|namespace)_declaration$/.test(at.type)) names.unshift(at.childForFieldName('name')?.text ?? '');
    if (at.type === 'compilation_unit')
      names.unshift(
        at.namedChildren.find((child) => child.type === 'file_scoped_namespace_declaration')?.childForFieldName('name')
          ?.text ?? '',
      );
  }
  return `.${names.join('.')}`.endsWith(`.${qualified.replace(/^global::/, '')}`);
}

function enclosing(node: Node, type: string): Node | undefined {
  for (let at = node.parent; at !== null; at = at.parent) if (at.type === type) return at;
  return undefined;
}

/** What one part of a class derives from, by the last parts of the names, without what stands in `<...>`. */
export function basesOf(part: Node): readonly string[] {
  const bases = part.namedChildren.find((child) => child.type === 'base_list')?.namedChildren ?? [];
  return bases.map(({ text }) => /[^.\s]*$/.exec(text.replace(/<.*$/s, '').trim())?.[0] ?? '');
}

/** Fields and properties of one part of a class; only those that are set once have a value. */
function addFields(part: Node, found: Map<string, Meaning>): void {
  for (const member of part.childForFieldName('body')?.namedChildren ?? []) {
    if (member.type === 'field_declaration') {
      const declaration = member.namedChildren.find((child) => child.type === 'variable_declaration');
      if (declaration !== undefined) addDeclared(declaration, isSetOnce(member), found);
    } else if (member.type === 'property_declaration') {
      const name = member.childForFieldName('name')?.text;
      if (name !== undefined) found.set(name, { value: undefined });
    }
  }
}

function isSetOnce(declaration: Node): boolean {
  return declaration.children.some((child) => /^(?:const|readonly)$/.test(child.text));
}

function addDeclared(declaration: Node, hasValue: boolean, found: Map<string, Meaning>): void {
  for (const declarator of declaration.namedChildren.filter((child) => child.type === 'variable_declarator')) {
    const name = declarator.childForFieldName('name');
    const value = declarator.namedChildren.findLast((child) => child.type !== 'comment');
    if (name !== null)
      found.set(name.text, { value: hasValue && value !== undefined && value.id !== name.id ? value : undefined });
  }
}

/** What a scope inside a method says of a name: a local constant, or something that only the running program knows. */
function declaredIn(scope: Node, name: string): Meaning | undefined {
  const found = new Map<string, Meaning>();
  switch (scope.type) {
    case 'block':
    case 'switch_section':
    case 'for_statement':
    case 'using_statement':
      for (const child of scope.namedChildren) {
        const declaration =
          child.type === 'variable_declaration'
            ? child
            : child.type === 'local_declaration_statement'
              ? child.namedChildren.find((part) => part.type === 'variable_declaration')
              : undefined;
        if (declaration !== undefined)
          addDeclared(
            declaration,
            child.children.some((part) => part.text === 'const'),
            found,
          );
      }
      return found.get(name);
    case 'foreach_statement':
      return scope.childForFieldName('left')?.text === name ? { value: undefined } : undefined;
    case 'lambda_expression':
    case 'method_declaration':
    case 'constructor_declaration':
    case 'local_function_statement': {
      const parameters = scope.childForFieldName('parameters');
      const isParameter =
        parameters?.text === name ||
        parameters?.namedChildren.some((child) => (child.childForFieldName('name') ?? child).text === name) === true;
      return isParameter ? { value: undefined } : undefined;
    }
    default:
      return undefined;
  }
}
