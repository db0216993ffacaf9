import { Button, Field, SearchBox, Select, Textarea } from '@fluentui/react-components';
import { ArrowUndo16Regular } from '@fluentui/react-icons';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useDeferredValue, useState } from 'react';
import { commentOn, undoMerge } from '../api/commands';
import { activitiesQuery } from '../api/queries';
import type { Activity } from '../api/types';
import { useToast } from '../app/toast';
import { count } from '../text/count';
import { word } from '../text/words';
import { Foreign, ForeignLines } from '../ui/Foreign';
import { More } from '../ui/More';
import { Answered, Empty } from '../ui/states';
import { Time } from '../ui/Time';
import styles from './ActivitiesTab.module.css';
import { reasonOf, textOf } from './activity';

const kinds = [
  'commented',
  'alertsAdded',
  'alertUpdated',
  'alertsMovedIn',
  'alertsMovedOut',
  'merged',
  'mergeUndone',
  'split',
  'entityChanged',
  'statusChanged',
  'severityChanged',
  'ownerChanged',
  'nameChanged',
  'tagsChanged',
  'classified',
  'taskAdded',
  'taskChanged',
  'taskCompleted',
  'taskReopened',
  'taskMoved',
  'taskDeleted',
  'suggestionRejected',
  'suggestionReopened',
];

/** Everything that was done to the incident, by whom, and the way back. */
export function ActivitiesTab({ id, blocked }: { id: number; blocked: string | undefined }) {
  const [kind, setKind] = useState('');
  const [actor, setActor] = useState('');
  const [text, setText] = useState('');
  const q = useDeferredValue(text.trim());
  const query = useInfiniteQuery({
    ...activitiesQuery(id, { kind: kind === '' ? undefined : kind, actor: actor === '' ? undefined : actor, q }),
    placeholderData: (before) => before,
  });
  return (
    <div className={styles.tab}>
      <div className={styles.bar} role="search" aria-label="Filter the activities">
        <SearchBox
          size="small"
          placeholder="Search"
          aria-label="Search the activities"
          value={text}
          onChange={(_, d) => setText(d.value)}
        />
        <Select size="small" aria-label="Kind" value={kind} onChange={(_, d) => setKind(d.value)}>
          <option value="">Every kind</option>
          {kinds.map((k) => (
            <option key={k} value={k}>
              {word('activity', k)}
            </option>
          ))}
        </Select>
        <Select size="small" aria-label="Performed by" value={actor} onChange={(_, d) => setActor(d.value)}>
          <option value="">By anyone</option>
          {['user', 'system', 'automation'].map((a) => (
            <option key={a} value={a}>
              {word('actor', a)}
            </option>
          ))}
        </Select>
      </div>
      <div className={styles.scroll}>
        {blocked === undefined && <CommentForm id={id} />}
        <Answered
          query={query}
          what="activities"
          isEmpty={(d) => d.pages.every((p) => p.items.length === 0)}
          empty={<Empty title="No activities">Nothing matches the filters.</Empty>}
        >
          {(data) => (
            <>
              <ol className={styles.list}>
                {data.pages
                  .flatMap((p) => p.items)
                  .map((a) => (
                    <Entry key={a.id} activity={a} blocked={blocked} />
                  ))}
              </ol>
              <More query={query} />
            </>
          )}
        </Answered>
      </div>
    </div>
  );
}

function CommentForm({ id }: { id: number }) {
  const [text, setText] = useState('');
  const client = useQueryClient();
  const toast = useToast();
  const add = useMutation({
    mutationFn: () => commentOn(id, text.trim()),
    onSuccess: () => {
      setText('');
      void client.invalidateQueries({ queryKey: ['incident', id] });
    },
    onError: (error) => toast.failed('The comment was not added', error),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') add.mutate();
  };
  return (
    <form onSubmit={submit} className={styles.comment}>
      <Field label="Comment" className={styles.field}>
        <Textarea
          value={text}
          rows={2}
          maxLength={30_000}
          placeholder="What did you find?"
          onChange={(_, d) => setText(d.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
          }}
        />
      </Field>
      <Button type="submit" size="small" appearance="primary" disabled={text.trim() === '' || add.isPending}>
        Add comment
      </Button>
    </form>
  );
}

function Entry({ activity: a, blocked }: { activity: Activity; blocked: string | undefined }) {
  const comment = typeof a.details?.comment === 'string' ? a.details.comment : undefined;
  const gone = a.kind === 'taskDeleted' && typeof a.details?.description === 'string' ? a.details.description : '';
  const reason = reasonOf(a);
  return (
    <li className={styles.entry} data-kind={a.kind}>
      <span className={styles.time}>
        <Time at={a.at} />
      </span>
      <span className={styles.sign} data-actor={a.actor.kind} aria-hidden="true" />
      <div className={styles.body}>
        <p className={a.kind === 'commented' ? styles.words : undefined}>
          {a.kind === 'commented' ? (
            <ForeignLines value={comment ?? a.text} max={30_000} />
          ) : (
            <Foreign value={textOf(a)} max={600} />
          )}
        </p>
        {a.kind !== 'commented' && reason !== undefined && (
          <p className="quiet">
            “<Foreign value={reason} max={600} />”
          </p>
        )}
        {gone !== '' && (
          <p className={styles.words}>
            <ForeignLines value={gone} />
          </p>
        )}
        <p className={styles.about}>
          <span>{word('activity', a.kind)}</span>
          <span>
            <Foreign value={a.actor.name} max={60} />
          </span>
          {a.origin !== undefined && a.origin !== 0 && a.origin !== a.incident && (
            <Link to="/incidents/$id" params={{ id: String(a.origin) }} search={{ tab: 'activities' }}>
              from #{a.origin}
            </Link>
          )}
          {(a.count ?? 0) > 0 && <span>{count(a.count ?? 0, 'alert')}</span>}
        </p>
      </div>
      {a.undoable && a.merge !== undefined && a.kind === 'merged' && <UndoButton merge={a.merge} blocked={blocked} />}
    </li>
  );
}

function UndoButton({ merge, blocked }: { merge: number; blocked: string | undefined }) {
  const client = useQueryClient();
  const toast = useToast();
  const undo = useMutation({
    mutationFn: () => undoMerge(merge, ''),
    onSuccess: ({ source }) => toast.done(`The merge is undone: incident #${source.id} is back`),
    onError: (error) => toast.failed('The merge was not undone', error),
    onSettled: () => {
      for (const key of ['incidents', 'incident', 'alerts', 'alert', 'entity'])
        void client.invalidateQueries({ queryKey: [key] });
    },
  });
  return (
    <Button
      size="small"
      icon={<ArrowUndo16Regular />}
      disabledFocusable={blocked !== undefined || undo.isPending}
      title={blocked}
      onClick={() => undo.mutate()}
    >
      Undo merge
    </Button>
  );
}
