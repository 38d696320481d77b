import { MAJORS } from './postgres.ts';

/** Majors on which runs are ended, cut and raced: the oldest, one between, the newest. `LOCKSTEP_PG` narrows them. */
export const FAULT_MAJORS: readonly number[] = [13, 15, 18].filter((major) => MAJORS.includes(major));
