/** Functions without their first argument. */
export type Bound<Functions> = {
  [Name in keyof Functions]: Functions[Name] extends (deps: never, ...rest: infer Rest) => infer Answer
    ? (...rest: Rest) => Answer
    : never
}

/** Gives functions `(deps, …)` what they work with, once: the object by which the rest of the program calls a feature. */
export function bind<Deps, Functions extends Record<string, (deps: Deps, ...rest: never[]) => unknown>>(
  deps: Deps,
  functions: Functions,
): Bound<Functions> {
  const bound = Object.entries(functions).map(([name, run]) => [name, (...rest: never[]) => run(deps, ...rest)])
  return Object.fromEntries(bound) as Bound<Functions>
}
