import { callsIn, type Check } from './check.ts';

/** Operations that leave something in the schema that the next apply would meet. */
const LEAVES =
  /^(?:CreateTable|CreateIndex|AddColumn|DropColumn|DropTable|Rename\w+|Add(?:ForeignKey|PrimaryKey|UniqueConstraint|CheckConstraint)|Drop(?:ForeignKey|PrimaryKey|UniqueConstraint|CheckConstraint|Index)|CreateSequence|DropSequence)$/;

/** A Down that does nothing, where Up changes the schema: the history forgets the migration, and the schema keeps it. */
export const emptyDown: Check = ({ migration, text }) => {
  const { up, down } = migration;
  const change = callsIn(up).find(({ method }) => LEAVES.test(method));
  if (down === undefined || change === undefined || down.steps.length > 0) return [];
  const body = text.slice(down.bodySpan.start, down.bodySpan.end);
  // One that throws says that there is no way back, and so does a directive.
  if (/\bthrow\b/.test(body) || /lockstep:\s*irreversible/.test(text)) return [];
  // A statement that is not of the builder, such as base.Down(...), may do anything.
  if (body.replaceAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() !== '') return [];
  const head = text.slice(down.span.start, down.span.end).search(/\bDown\s*\(/);
  const start = down.span.start + Math.max(0, head);
  return [
    {
      code: 'empty-down',
      span: { start, end: start + 'Down'.length },
      message: `Down does nothing, while Up has ${change.method}: a revert takes the migration out of the history and leaves the schema as it is, so that the next apply fails. Write the way back, or throw NotSupportedException where there is none.`,
    },
  ];
};
