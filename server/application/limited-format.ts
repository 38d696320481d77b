import { isRuleOn, type LintInput } from '../analysis/lint.ts';
import { lockTimeoutMissing, withLockLimit } from '../rules/lock-timeout-missing.ts';
import type { Format, WrittenStep } from '../tools/format.ts';

/**
 * The format as steps are written in it: where nobody but a migration itself limits how long it waits for a lock, each step
 * that runs in a transaction does, up and back.
 */
export function limitedFormat(
  format: Format,
  input: Pick<LintInput, 'settings' | 'rules' | 'engine' | 'isAppliedByCommand'>,
): Format {
  if (!isRuleOn(lockTimeoutMissing.code, input)) return format;
  return { ...format, write: (request) => format.write({ ...request, steps: request.steps.map(limited) }) };
}

function limited(step: WrittenStep): WrittenStep {
  if (step.transaction === 'none') return step;
  return {
    ...step,
    up: withLockLimit(step.up),
    ...(step.down === undefined ? {} : { down: withLockLimit(step.down) }),
  };
}
