import { emptySchema, foldRefusal, foldStatement } from '../../model/fold/fold.ts';
import type { Engine } from '../engine.ts';
import { postgresEffects, postgresEffectsApart } from './effects.ts';
import { resolveCalls } from './calls.ts';
import { postgresFold } from './fold.ts';
import { createPostgresFront } from './front.ts';
import { placeholder } from './placeholder.ts';
import { postgresRefusal } from './refusal.ts';
import { POSTGRESQL } from './product.ts';
import { postgresTypeChange, postgresTypeFacts } from './type-facts.ts';

/**
 * The PostgreSQL dialect, with the parser from the bytes of `libpg-query.wasm`.
 *
 * Errors: rejects when the bytes are no such module.
 */
export async function createPostgresEngine(wasm: Uint8Array): Promise<Engine> {
  return {
    ...(await createPostgresFront(wasm)),
    emptySchema: (isComplete) => emptySchema(POSTGRESQL, isComplete),
    fold: (schema, operations, origin, target, like) =>
      foldStatement(postgresFold, schema, operations, origin, target.version, like),
    resolveCalls,
    effects: postgresEffects,
    effectsApart: postgresEffectsApart,
    typeFacts: postgresTypeFacts,
    typeChange: postgresTypeChange,
    refusal: (operation, schema, target, siblings) => postgresRefusal(operation, schema, target.version, siblings),
    refusedWhole: (operations, schema, origin, target) => {
      const refused = foldRefusal(postgresFold, schema, operations, origin, target.version);
      return refused === undefined
        ? undefined
        : {
            operation: refused.operation,
            span: refused.operation.span,
            message: `${refused.why.replace(/\.$/, '')}, so that PostgreSQL refuses this statement.`,
          };
    },
    quotedTexts: () => [],
    placeholder,
  };
}
