import type { Node } from 'web-tree-sitter';
import type { Span } from '../../core/span.ts';

/**
 * Visits what a body does, statement by statement in the order of the text, each with whether it certainly runs: the
 * expression of a statement that is one, and any other statement as a whole.
 */
export function walkStatements(body: Node, visit: (at: Node, certainty: 'certain' | 'may') => void): void {
  // Behind a return under a condition nothing is certain.
  let mayHaveReturned = false;
  const walk = (at: Node, given: 'certain' | 'may'): void => {
    const certainty = mayHaveReturned ? 'may' : given;
    switch (at.type) {
      case 'block':
      case 'arrow_expression_clause':
      case 'preproc_if':
      case 'preproc_else':
      case 'preproc_elif':
      case 'else_clause':
      case 'checked_statement':
      case 'unsafe_statement':
      case 'fixed_statement':
      case 'labeled_statement':
      case 'using_statement':
      case 'lock_statement':
      case 'try_statement':
      case 'finally_clause':
        for (const child of at.namedChildren) walk(child, at.type.startsWith('preproc') ? 'may' : certainty);
        return;
      case 'local_function_statement': {
        // Whether and how often it is called is not followed.
        const inner = at.childForFieldName('body');
        const before = mayHaveReturned;
        if (inner !== null) walk(inner, 'may');
        mayHaveReturned = before;
        return;
      }
      case 'expression_statement':
        if (at.namedChildren[0] !== undefined) visit(at.namedChildren[0], certainty);
        return;
      case 'if_statement':
      case 'for_statement':
      case 'foreach_statement':
      case 'while_statement':
      case 'do_statement':
      case 'switch_statement':
      case 'switch_body':
      case 'switch_section':
      case 'catch_clause':
        for (const child of at.namedChildren) if (isStatement(child)) walk(child, 'may');
        return;
      case 'comment':
      case 'empty_statement':
        return;
      case 'return_statement':
        visit(at, certainty);
        if (given === 'may') mayHaveReturned = true;
        return;
      default:
        visit(at, certainty);
    }
  };
  walk(body, 'certain');
}

/** What stands between the braces of a method, or the expression after its arrow. */
export function bodySpanOf(method: Node): Span {
  const body = method.childForFieldName('body');
  const isBlock = body?.type === 'block';
  return {
    start: (body?.startIndex ?? method.endIndex) + (isBlock ? 1 : 0),
    end: (body?.endIndex ?? method.endIndex) - (isBlock && body.text.endsWith('}') ? 1 : 0),
  };
}

function isStatement(node: Node): boolean {
  return /_statement$|^block$|^switch_(?:body|section)$|_clause$/.test(node.type);
}
