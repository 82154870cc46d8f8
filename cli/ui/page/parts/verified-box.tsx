import type { MediaSigner, VerifyAnswer } from '../../protocol/actions.js'
import { size } from '../state/amounts.js'
import { t } from '../words/words.js'
import { ShortTable } from './shown.js'

/** What a check of every byte found. */
export function VerifiedBox({ result }: { result: VerifyAnswer }) {
  const { ok, blobs, bytes, problems, notes = [] } = result
  const signers = (result.signers ?? []).flatMap((one) => one.signers)
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
      {signers.length > 0 && (
        <ShortTable
          label={t('signatures')}
          heads={[t('signer'), t('verdict'), t('time'), t('why')]}
          rows={signers.map(({ file, keyId, signer, verdict, signed = '', problem = '' }) => [
            [signer, keyId ?? file].filter(Boolean).join(' '),
            t(VERDICTS[verdict]),
            signed,
            problem,
          ])}
        />
      )}
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

const VERDICTS = {
  valid: 'trusted',
  unknown: 'nobodyTrusts',
  invalid: 'badSignature',
} as const satisfies Record<MediaSigner['verdict'], string>
