import { readOptOutWords } from '../../../features/meetings/index.ts'
import { Foreign } from '../components/blocks.tsx'
import { organisationName } from '../organisation-name.ts'
import { renderPage } from '../render-page.tsx'
import type { WebContext } from '../route.ts'
import type { WebDeps } from '../web-deps.ts'

/** For whoever finds an unknown participant in a meeting: who records, what is kept, and how to make it leave. Public. */
export async function showAboutBot(c: WebContext, deps: WebDeps): Promise<Response> {
  const { name, contact, ownWords } = deps.bot
  const { orgDomains, shareWithExternal } = deps.transcripts.sharing
  const organisation = organisationName(deps)
  const [optOutWord] = await readOptOutWords(deps.db)
  return renderPage(
    c,
    deps,
    { title: `About ${name}`, organisation, transcript: 'plain' },
    <article class="transcript about">
      <h1>
        Why is <Foreign text={name} /> in this meeting?
      </h1>
      <p>
        It is a program that{' '}
        {orgDomains.length > 0 ? <Owner domains={orgDomains} /> : 'the organisation that invited it'} sends to its
        meetings. It listens, records the sound and writes down what is said, with the names shown in the meeting. It
        does not speak and takes no pictures.
      </p>
      {ownWords ? <OwnWords text={ownWords} /> : ''}
      <h2>How to make it leave</h2>
      <ul>
        <li>Remove it from the meeting, as any other participant.</li>
        <li>Or ask whoever invited you: an administrator can make it leave.</li>
        {optOutWord === undefined ? null : (
          <li>
            To keep it out of a meeting, put <code>{optOutWord}</code> into the title of the invitation.
          </li>
        )}
      </ul>
      <h2>What is kept, and who sees it</h2>
      <ul>
        <li>The sound, and the text made from it by a machine.</li>
        <li>
          Both are for the people who were invited
          {shareWithExternal ? '' : ', as far as they belong to the organisation'}, and for the organisation's
          administrators. There is no public link.
        </li>
        <li>Other programs of the organisation may get a copy, such as its list of meetings.</li>
      </ul>
      <h2>Your part of it</h2>
      <p>
        To hear what was recorded of you, to have it corrected or deleted, or to object,{' '}
        {contact === undefined ? (
          'ask whoever organised the meeting.'
        ) : (
          <>
            write to <a href={`mailto:${encodeURIComponent(contact)}`}>{contact}</a>.
          </>
        )}
      </p>
    </article>,
  )
}

/** What the organisation adds itself. A line of its own is a paragraph, and so is the `\n` that fits into a variable. */
function OwnWords({ text }: { text: string }) {
  const paragraphs = text.split(/\n|\\n/).filter((line) => line.trim() !== '')
  return (
    <>
      {paragraphs.map((line) => (
        <p>
          <Foreign text={line.trim()} />
        </p>
      ))}
    </>
  )
}

function Owner({ domains }: { domains: readonly string[] }) {
  return (
    <>
      {domains.map((domain, index) => (
        <>
          {index === 0 ? '' : ', '}
          <strong>{domain}</strong>
        </>
      ))}
    </>
  )
}
