// The faults that are armed.
import { useState } from 'preact/hooks'
import type { ArmedFault } from '../../node/library/fault-rule.ts'
import { control, under } from '../calls.ts'
import { Hint, Problem } from '../parts/notice.tsx'
import { useLoad } from '../parts/use-load.ts'
import { ArmFault } from './arm-fault.tsx'
import type { PageProps } from './tenant.tsx'

export function Faults({ tenant }: PageProps) {
  const path = under(tenant.id, 'faults')
  const { value, error, reload } = useLoad(() => control<{ results: ArmedFault[] }>('GET', path), [path])
  const [arming, setArming] = useState(false)
  const disarm = async (fault?: string) => {
    await control('DELETE', fault === undefined ? path : under(tenant.id, 'faults', fault))
    await reload()
  }
  return (
    <>
      <div class="row">
        <button type="button" class="primary" onClick={() => setArming(true)}>
          Arm a fault
        </button>
        <button type="button" onClick={() => disarm()}>
          Disarm all
        </button>
        <button type="button" onClick={reload}>
          Load again
        </button>
      </div>
      <Problem error={error} />
      {value?.results.length === 0 && <Hint>Nothing is armed.</Hint>}
      {value && value.results.length > 0 && <FaultTable faults={value.results} onDisarm={disarm} />}
      {arming && (
        <ArmFault
          tenant={tenant}
          onClose={() => {
            setArming(false)
            reload()
          }}
        />
      )}
    </>
  )
}

const FaultTable = ({ faults, onDisarm }: { faults: readonly ArmedFault[]; onDisarm: (fault: string) => void }) => (
  <div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Meets</th>
          <th scope="col">Rule</th>
          <th scope="col">Met</th>
          <th scope="col">Actions</th>
        </tr>
      </thead>
      <tbody>
        {faults.map(({ id, hits, operation, method, ...rule }) => (
          <tr key={id}>
            <th scope="row">{[operation, method].filter(Boolean).join(', ') || 'all requests'}</th>
            <td>
              <code>{JSON.stringify(rule)}</code>
            </td>
            <td>{hits}</td>
            <td class="actions">
              <button type="button" class="small danger" onClick={() => onDisarm(id)}>
                Disarm
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
