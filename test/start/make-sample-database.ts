// Writes media/sample.db, the database that "Open the Sample Project" comes with: node esbuild.mjs && node test/start/make-sample-database.ts
import { copyFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { copySample, root } from './sample.ts';

const folder = copySample();
copyFileSync(path.join(folder, 'app.db'), path.join(root, 'media/sample.db'));
rmSync(folder, { recursive: true, force: true });
