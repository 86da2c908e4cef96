/** Collects what was opened, to close it in reverse: at the end, or half-way when opening the next thing fails. */
export class Resources implements AsyncDisposable {
  #closers: (() => unknown)[] = []

  /** Keeps a resource and gives it back. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.#closers.push(() => resource[Symbol.asyncDispose]())
    return resource
  }

  defer(close: () => unknown): void {
    this.#closers.push(close)
  }

  /** Hands everything to a new owner; disposing of this one then closes nothing. */
  move(): Resources {
    const next = new Resources()
    next.#closers = this.#closers
    this.#closers = []
    return next
  }

  /** Closes everything, also when some closing fails; the first failure is thrown at the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = []
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
