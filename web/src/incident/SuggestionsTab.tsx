import { Button } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type RefObject, useRef } from 'react';
import { useActions } from '../actions/registry';
import { acceptSuggestion, rejectSuggestion, reopenSuggestion, undoMerge } from '../api/commands';
import { suggestionsQuery } from '../api/queries';
import type { Incident, Suggested } from '../api/types';
import { useToast } from '../app/toast';
import { rarity, telling } from '../story/LinkPanel';
import { count } from '../text/count';
import { Keys, Priority, Severity, Status } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { KindIcon } from '../ui/KindIcon';
import { Answered, Empty } from '../ui/states';
import { Time } from '../ui/Time';
import styles from './SuggestionsTab.module.css';

const stale = ['incidents', 'incident', 'alerts', 'alert', 'entity'];

/** Accepting and rejecting, each with its way back. */
function useDecisions(incident: Incident) {
  const client = useQueryClient();
  const toast = useToast();
  const navigate = useNavigate();
  const refresh = () => {
    for (const key of stale) void client.invalidateQueries({ queryKey: [key] });
  };
  const takeBack = useMutation({
    mutationFn: (merge: number) => undoMerge(merge, ''),
    onSuccess: ({ source }) => toast.done(`The merge is undone: incident #${source.id} is back`),
    onError: (error) => toast.failed('The merge was not undone', error),
    onSettled: refresh,
  });
  const reopen = useMutation({
    mutationFn: reopenSuggestion,
    onSuccess: () => toast.done('The suggestion is open again'),
    onError: (error) => toast.failed('The rejection was not taken back', error),
    onSettled: refresh,
  });
  const accept = useMutation({
    mutationFn: (s: Suggested) => acceptSuggestion(s.id),
    onSuccess: ({ target, merge }) => {
      toast.undoable(`Incident #${merge.source} was merged into #${target}`, () => takeBack.mutate(merge.id));
      if (target !== incident.id)
        void navigate({ to: '/incidents/$id', params: { id: String(target) }, search: { tab: 'related' } });
    },
    onError: (error) => toast.failed('The two were not merged', error),
    onSettled: refresh,
  });
  const reject = useMutation({
    mutationFn: (s: Suggested) => rejectSuggestion(s.id, ''),
    onSuccess: (_, s) => toast.undoable(`#${s.other.id} is not suggested any more`, () => reopen.mutate(s.id)),
    onError: (error) => toast.failed('The suggestion was not rejected', error),
    onSettled: refresh,
  });
  return { accept, reject, busy: accept.isPending || reject.isPending };
}

/** Other incidents that may belong to this one, why, and what to do about it. */
export function SuggestionsTab({ incident, blocked }: { incident: Incident; blocked: string | undefined }) {
  const query = useQuery(suggestionsQuery(incident.id));
  return (
    <div className={styles.tab}>
      <Answered
        query={query}
        what="suggestions"
        isEmpty={(found) => found.length === 0}
        empty={
          <Empty title="Nothing else seems related">
            Incidents that fit this one, but not well enough to be merged unasked, would be listed here.
          </Empty>
        }
      >
        {(found) => <Suggestions incident={incident} found={found} blocked={blocked} />}
      </Answered>
    </div>
  );
}

function Suggestions({ incident, found, blocked }: { incident: Incident; found: Suggested[]; blocked: string | undefined }) {
  const { accept, reject, busy } = useDecisions(incident);
  const list = useRef<HTMLUListElement>(null);
  const cannot = blocked ?? (busy ? 'One moment' : undefined);
  const section = 'Incidents' as const;
  const onFocused = (act: (s: Suggested) => void) => () => {
    const s = found[focused(list)] ?? found[0];
    if (s !== undefined) act(s);
  };
  const move = (by: number) => () => cards(list)[Math.min(Math.max(focused(list) + by, 0), found.length - 1)]?.focus();
  useActions([
    { id: 'suggestion.next', name: 'Next suggestion', section, keys: 'j', quiet: true, perform: move(1) },
    { id: 'suggestion.previous', name: 'Previous suggestion', section, keys: 'k', quiet: true, perform: move(-1) },
    {
      id: 'suggestion.accept',
      name: 'Merge the suggested incident',
      section,
      keys: 'y',
      blocked: cannot,
      perform: onFocused(accept.mutate),
    },
    {
      id: 'suggestion.reject',
      name: 'Reject the suggestion',
      section,
      keys: 'n',
      blocked: cannot,
      perform: onFocused(reject.mutate),
    },
  ]);
  return (
    <>
      <p className="quiet">
        {count(found.length, 'incident')} may be related. <Keys caps={[['Y']]} /> merges, <Keys caps={[['N']]} /> rejects; both
        can be undone.
      </p>
      <ul ref={list} className={styles.list} aria-label="Suggestions">
        {found.map((s) => (
          <Card key={s.id} suggestion={s} blocked={cannot} onAccept={() => accept.mutate(s)} onReject={() => reject.mutate(s)} />
        ))}
      </ul>
    </>
  );
}

function cards(list: RefObject<HTMLUListElement | null>): HTMLElement[] {
  return [...(list.current?.querySelectorAll<HTMLElement>('[data-suggestion]') ?? [])];
}

/** Which card the focus is in, -1 for none. */
function focused(list: RefObject<HTMLUListElement | null>): number {
  return cards(list).findIndex((card) => card.contains(document.activeElement));
}

interface CardProps {
  suggestion: Suggested;
  blocked: string | undefined;
  onAccept: () => void;
  onReject: () => void;
}

function Card({ suggestion: s, blocked, onAccept, onReject }: CardProps) {
  const { other } = s;
  return (
    <li data-suggestion={s.id} tabIndex={-1} className={styles.card}>
      <div className={styles.head}>
        <Severity value={other.severity} />
        <Link to="/incidents/$id" params={{ id: String(other.id) }} search={{}} className={styles.name}>
          <Foreign value={other.name} max={140} />
        </Link>
        <span className="quiet tabular">#{other.id}</span>
      </div>
      <div className={styles.facts}>
        <Status value={other.status} />
        <span>
          <Priority value={other.priority} /> priority
        </span>
        <span>{count(other.tally.alerts, 'alert')}</span>
        <span>
          <Time at={other.firstActivity} /> → <Time at={other.lastActivity} />
        </span>
        {other.owner !== '' && (
          <span>
            <span className="quiet">Owner</span> <Foreign value={other.owner} max={28} />
          </span>
        )}
      </div>
      <div className={styles.score}>
        <strong className="tabular">{Math.round(s.score * 100)} %</strong>
        <span className={styles.meter} aria-hidden="true">
          <span style={{ width: `${Math.round(s.score * 100)}%` }} />
        </span>
        <span className="quiet">
          likely to be one attack. <Foreign value={s.keptApart} max={120} />
        </span>
      </div>
      <Why suggestion={s} />
      <div className={styles.actions}>
        <Button
          size="small"
          appearance="primary"
          disabledFocusable={blocked !== undefined}
          title={blocked}
          aria-label={`Merge with incident ${other.id}`}
          onClick={onAccept}
        >
          Merge
        </Button>
        <Button
          size="small"
          disabledFocusable={blocked !== undefined}
          title={blocked}
          aria-label={`Not related: incident ${other.id}`}
          onClick={onReject}
        >
          Not related
        </Button>
      </div>
    </li>
  );
}

/** What speaks for the suggestion, in words, and what both share with its rarity. */
function Why({ suggestion: s }: { suggestion: Suggested }) {
  const shared = s.link.entities ?? [];
  const words = s.why.length > 0 ? s.why : telling(s.link).map((f) => f.text);
  return (
    <div className={styles.why}>
      <ul className={styles.words}>
        {words.map((w) => (
          <li key={w}>
            <Foreign value={w} max={300} />
          </li>
        ))}
      </ul>
      {shared.length > 0 && (
        <ul className={styles.shared} aria-label="What both share">
          {shared.map((e) => (
            <li key={e.id}>
              <KindIcon kind={e.kind} />
              <Link to="/entities/$id" params={{ id: String(e.id) }} search={{}}>
                <Foreign value={e.label} max={60} />
              </Link>
              <span className="quiet">{rarity(e)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
