// The words of every notice, in English: who did what, why the reader is told, and where to look.
import { html } from './html';
import type { Rule, Template } from './notice';

/** Everything that the words say; names and reasons are other people's text and stay text. */
export interface Wording {
  readonly template: Template;
  readonly rule: Rule;
  /** What the reader has to do with the request beside the rule. */
  readonly reader: 'learner' | 'requester' | 'other';
  readonly learner: string;
  readonly kind: string;
  readonly course?: string;
  readonly by?: string;
  readonly nominee?: string;
  readonly reason?: string;
  /** Address of the request's page. */
  readonly link: string;
}

export interface Message {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The message, as plain text and as simple HTML of the same sentences. */
export function messageOf(wording: Wording): Message {
  const words = cleaned(wording);
  const happening = happeningOf(words);
  const lines = [`${happening}.`, ...(words.reason === undefined ? [] : [`Reason: “${words.reason}”`]), ...nextOf(words), whyOf(words)];
  return {
    subject: happening,
    text: `${lines.join('\n\n')}\n\n${words.link}\n`,
    html: html`<!doctype html>
      <html lang="en">
        <body>
          ${lines.map((line) => html`<p>${line}</p>`)}
          <p><a href="${words.link}">Open the request</a></p>
        </body>
      </html>`.markup,
  };
}

function happeningOf({ template, rule, reader, learner, kind, course, by = 'Somebody', nominee = 'somebody' }: Wording): string {
  const what = course === undefined ? kind : `${kind} in ${course}`;
  const whose = reader === 'learner' ? 'your request' : `the request of ${learner}`;
  switch (template) {
    case 'asked':
      return rule === 'nominated' ? `${by} asks you to decide too: ${learner} asks for ${what}` : `${learner} asks for ${what}`;
    case 'step-approved':
      return `${by} approved ${whose} for ${what} and named ${nominee} as further approver`;
    case 'granted':
      return `${by} approved ${whose} for ${what}: it is granted`;
    case 'denied':
      return `${by} denied ${whose} for ${what}`;
    case 'withdrawn':
      return `${by} withdrew the request of ${learner} for ${what}`;
    case 'cancelled':
      return `${reader === 'learner' ? 'Your request' : `The request of ${learner}`} for ${what} is over: the job in whose name it was made has ended`;
    case 'job-ended':
      return `The job in whose name ${whose} for ${what} was made has ended`;
    case 'moved':
      return `${by} lets ${whose} for ${what} go on in the name of another job`;
    case 'slate-changed':
      return rule === 'asked' ? `${learner} asks for ${what}` : `You are no longer asked about the request of ${learner} for ${what}`;
    case 'ratified':
      return `${by} confirmed your decision about the request of ${learner} for ${what}`;
    case 'voided':
      return `${by} set aside what was decided about ${whose} for ${what}`;
    case 'nobody-to-ask':
      return reader === 'learner' ? `Your request for ${what} waits` : `The request of ${learner} for ${what} waits`;
  }
}

const REVIEWED = 'By what was recorded later, somebody else was to be asked on that day.';

function nextOf({ template, rule, reader, learner }: Wording): readonly string[] {
  if (rule === 'asked' || rule === 'nominated') return ['You can approve it, deny it, or approve it and name a further approver.'];
  if (template === 'ratified' || template === 'voided')
    return [REVIEWED, ...(template === 'voided' ? ['It waits for a decision again, unless it was withdrawn or cancelled.'] : [])];
  if (template === 'nobody-to-ask') return ['Nobody could be found who may decide it. The administrators see it and will name somebody.'];
  if (template === 'job-ended')
    return [
      `It goes on with the managers of that job, unless you let it go on in the name of another job of ${reader === 'learner' ? 'yours' : learner}.`,
    ];
  if (template === 'cancelled' && (reader === 'learner' || reader === 'requester'))
    return ['It can be asked for again in the name of another job.'];
  if (rule === 'withdrawn' || rule === 'released') return ['You need not do anything.'];
  return [];
}

function whyOf({ rule, reader, learner, by = 'an approver' }: Wording): string {
  switch (rule) {
    case 'asked':
      return 'You get this message because it is your turn to decide.';
    case 'nominated':
      return `You get this message because ${by} approved the request and named you as further approver.`;
    case 'released':
    case 'withdrawn':
      return 'You get this message because you had been asked to decide.';
    case 'reviewed':
      return 'You get this message because you decided it.';
    case 'step-approved':
    case 'waiting':
    case 'outcome':
      if (reader === 'learner') return 'You get this message because the request is yours.';
      if (reader === 'requester') return `You get this message because you made the request for ${learner}.`;
      return 'You get this message because you decided an earlier step.';
    case 'other-manager':
      return `You get this message because you manage ${learner}, or could have decided as well.`;
  }
}

/** A line break in a name would start a new line of the text, or a new header; a turned writing direction would hide words. */
function cleaned(wording: Wording): Wording {
  const plain = (value: string) => value.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu, ' ').trim();
  return Object.fromEntries(Object.entries(wording).map(([name, value]) => [name, plain(value)])) as unknown as Wording;
}
