/**
 * The seed of a random story: TEST_SEED, with `random` for another one each time; else always the same, so that a run fails by what was changed and not
 * by chance.
 */
export function seedOfRun(usual: number): number {
  const asked = process.env.TEST_SEED
  if (asked === 'random') return Date.now() % 1_000_000
  return Number(asked ?? usual)
}
