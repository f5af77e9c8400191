/**
 * Compares what was shown with what is there now, so that nothing which somebody else wrote meanwhile is written over.
 *
 * @param name what it is called
 * @throws with what differs
 */
export function requireSame<Shown extends object>(name: string, shown: Shown, now: Shown | undefined): void {
  if (!now) throw new Error(`${name} was removed meanwhile. Nothing was written.`)
  const changed = Object.entries(shown).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(Reflect.get(now, key)),
  )
  if (changed.length === 0) return
  const told = changed.map(([key]) => `${key} is now ${JSON.stringify(Reflect.get(now, key))}`)
  throw new Error(`${name} was changed meanwhile: ${told.join(', ')}. Nothing was written.`)
}
