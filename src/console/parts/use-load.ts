// Loads what a page shows, and again on demand.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

export interface Loaded<Value> {
  /** Undefined until it is there. It stays while it is loaded again. */
  readonly value: Value | undefined
  readonly error: unknown
  reload(): Promise<void>
}

/** @param keys what `load` depends on: it is called again when one of them changes */
export function useLoad<Value>(load: () => Promise<Value>, keys: readonly unknown[]): Loaded<Value> {
  const [state, setState] = useState<{ value: Value | undefined; error: unknown }>({
    value: undefined,
    error: undefined,
  })
  // Of two loads that overlap, the answer of the later one counts, in whatever order they come.
  const newest = useRef(0)
  const reload = useCallback(async () => {
    newest.current += 1
    const own = newest.current
    try {
      const value = await load()
      if (own === newest.current) setState({ value, error: undefined })
    } catch (error) {
      if (own === newest.current) setState((before) => ({ ...before, error }))
    }
  }, keys)
  useEffect(() => {
    reload()
    return () => {
      newest.current += 1
    }
  }, [reload])
  return { ...state, reload }
}
