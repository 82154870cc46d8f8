import type { VerifyAnswer } from '../../protocol/actions.js'
import { size } from '../state/amounts.js'
import { t } from '../words/words.js'
import { ShortTable } from './short-table.js'

/** What a check of every byte found. */
export function VerifiedBox({ result }: { result: VerifyAnswer }) {
  const { ok, blobs, bytes, problems, notes = [] } = result
  return (
    <section class={ok ? 'box good' : 'box bad'} role="status" aria-label={t('check')}>
      <p>
        <strong>
          {ok ? t('checkedOk', { n: blobs, size: size(bytes) }) : t('checkedBad', { n: problems.length })}
        </strong>
      </p>
      {notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      {problems.length > 0 && (
        <ShortTable
          label={t('problem')}
          heads={[t('problem'), t('file')]}
          rows={problems.map(({ code, message, path, digest }) => [
            <>
              <strong>{code}</strong> {message}
            </>,
            <code key="file">{path ?? digest ?? ''}</code>,
          ])}
        />
      )}
    </section>
  )
}
