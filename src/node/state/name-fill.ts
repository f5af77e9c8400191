// Names without a key in the databases that Node has at hand: whether there are any, and what is said of those that clash.
import type { Clash } from '../../control/states/name-clash.ts'

/**
 * SQL that returns a row if a database may have names without a key, or names that clash. It is written out here, since an
 * import of the statements that fill them would cost every start more than this question does.
 */
export const ASK_FOR_UNKEYED = `
select 1 as unkeyed from directory_entities e
where e.type in (0, 4) and e.name glob '*[^ -~]*' and not exists (
  select 1 from name_keys k where k.entity_seq = e.seq and k.kind <> 'email' and k.name = e.name)
union all select 1 from directory_entities e
where e.type = 0 and e.email glob '*[^ -~]*' and not exists (
  select 1 from name_keys k where k.entity_seq = e.seq and k.kind = 'email' and k.name = e.email)
union all select 1 from groups g
where g.name glob '*[^ -~]*' and not exists (
  select 1 from group_name_keys k where k.group_seq = g.seq and k.name = g.name)
limit 1`.trim()

/** The line that names a clash. */
export const describeClash = ({ partition, kind, id, name }: Clash) =>
  `${kind} ${JSON.stringify(name)} of ${id} in partition ${partition} is the same as another there; both stay, and a third is refused`
