import { Button, ProgressBar } from '@fluentui/react-components';
import { ArrowUpload16Regular, Delete16Regular } from '@fluentui/react-icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ChangeEvent, useRef, useState } from 'react';
import { Problem } from '../api/client';
import { removeModel, uploadModel } from '../api/commands';
import { modelsQuery } from '../api/queries';
import type { KeptModel } from '../api/types';
import { usePolicy } from '../app/session';
import { useToast } from '../app/toast';
import { bytes } from '../text/count';
import { Foreign } from '../ui/Foreign';
import { FormDialog } from '../ui/FormDialog';
import type { Column } from '../ui/Grid';
import { Refused } from '../ui/Refused';
import { Answered, Section } from '../ui/states';
import { Table } from '../ui/Table';
import { Time } from '../ui/Time';
import styles from './Backtest.module.css';
import { maxModelBytes, originText, trainedPart, undeletable } from './model';
import { TrainModel } from './TrainModel';

interface ShelfProps {
  chosen: number | undefined;
  onOpen: (id: number | undefined) => void;
}

/** The models that can correlate: what each is, and how to get more. */
export function ModelShelf({ chosen, onOpen }: ShelfProps) {
  const models = useQuery(modelsQuery);
  const [leaving, setLeaving] = useState<KeptModel>();
  return (
    <Section title="Models" aside={<Upload onKept={onOpen} />}>
      <p className="quiet">
        A model decides how likely an alert belongs to an incident. Try another one above; it decides only once you use it from
        now on.
      </p>
      <Answered query={models} what="models" rows={3}>
        {(all) => (
          <>
            <Table
              label="Models"
              columns={columns(chosen, onOpen, setLeaving)}
              rows={all}
              idOf={(m) => m.id}
              card={(m) => <Card model={m} chosen={chosen} onOpen={onOpen} onLeave={setLeaving} />}
            />
            <TrainModel models={all} onStarted={onOpen} />
          </>
        )}
      </Answered>
      {leaving !== undefined && (
        <DeleteDialog
          model={leaving}
          onClose={() => setLeaving(undefined)}
          onGone={() => {
            if (leaving.id === chosen) onOpen(undefined);
            setLeaving(undefined);
          }}
        />
      )}
    </Section>
  );
}

type Leave = (model: KeptModel) => void;

function columns(chosen: number | undefined, onOpen: (id: number) => void, onLeave: Leave): Column<KeptModel>[] {
  return [
    { id: 'version', name: 'Model', width: '200px', render: (m) => <Name model={m} chosen={chosen} onOpen={onOpen} /> },
    { id: 'origin', name: 'From', width: '190px', render: originText },
    { id: 'trained', name: 'Trained on', width: '', render: (m) => <Foreign value={m.trained ?? ''} max={60} /> },
    { id: 'by', name: 'By', width: '110px', render: (m) => <Foreign value={m.by ?? ''} max={20} /> },
    { id: 'at', name: 'When', width: '120px', render: (m) => m.createdAt !== undefined && <Time at={m.createdAt} as="ago" /> },
    { id: 'size', name: 'Size', width: '90px', end: true, render: (m) => m.size > 0 && bytes(m.size) },
    { id: 'state', name: 'State', width: '130px', render: (m) => <State of={m} /> },
    { id: 'delete', name: 'Delete', width: '70px', render: (m) => <Delete model={m} onLeave={onLeave} /> },
  ];
}

interface NameProps {
  model: KeptModel;
  chosen: number | undefined;
  onOpen: (id: number) => void;
}

function Name({ model: m, chosen, onOpen }: NameProps) {
  return (
    <button type="button" className={styles.row} aria-current={m.id === chosen} onClick={() => onOpen(m.id)}>
      <Foreign value={m.version} max={28} />
    </button>
  );
}

function Card({ onLeave, ...of }: NameProps & { onLeave: Leave }) {
  const m = of.model;
  return (
    <div className={styles.card}>
      <div className={styles.headed}>
        <Name {...of} /> · <State of={m} />
      </div>
      <div className="quiet">
        {originText(m)}
        {m.size > 0 && ` · ${bytes(m.size)}`}
        {m.by !== undefined && (
          <>
            {' · '}
            <Foreign value={m.by} max={20} /> <Time at={m.createdAt} as="ago" />
          </>
        )}
      </div>
      {m.id !== 0 && <Delete model={m} onLeave={onLeave} />}
    </div>
  );
}

function State({ of: m }: { of: KeptModel }) {
  if (m.inUse) return <strong>decides</strong>;
  switch (m.state) {
    case 'ready':
      return <>ready</>;
    case 'failed':
      return <span className={styles.worse}>✕ failed</span>;
    case 'queued':
      return <>waiting</>;
    case 'training':
      return <ProgressBar value={trainedPart(m)} aria-label={`Training of ${m.version}`} />;
  }
}

function Delete({ model: m, onLeave }: { model: KeptModel; onLeave: Leave }) {
  const { blocked } = usePolicy();
  if (m.id === 0 || blocked !== undefined) return null;
  const why = undeletable(m);
  return (
    <Button
      size="small"
      appearance="subtle"
      icon={<Delete16Regular />}
      aria-label={`Delete ${m.version}`}
      title={why ?? 'Delete'}
      disabledFocusable={why !== undefined}
      onClick={() => why === undefined && onLeave(m)}
    />
  );
}

interface DeleteProps {
  model: KeptModel;
  onClose: () => void;
  onGone: () => void;
}

function DeleteDialog({ model, onClose, onGone }: DeleteProps) {
  const client = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => removeModel(model.id),
    onSuccess: () => {
      toast.done('The model was deleted.');
      onGone();
    },
    onSettled: () => client.invalidateQueries({ queryKey: modelsQuery.queryKey }),
  });
  return (
    <FormDialog
      title="Delete this model?"
      submit="Delete"
      irreversible
      request={remove}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <p>
        <Foreign value={model.version} max={60} />
      </p>
      <p className="quiet">
        Its file is gone then: download it first to keep it. What it decided stays, and settings that named it can't be put back.
      </p>
    </FormDialog>
  );
}

/** Takes a model file in. What is wrong with it is the server's word. */
function Upload({ onKept }: { onKept: (id: number) => void }) {
  const { blocked } = usePolicy();
  const field = useRef<HTMLInputElement>(null);
  const client = useQueryClient();
  const upload = useMutation({
    mutationFn: async (file: File) => {
      if (file.size > maxModelBytes)
        throw new Problem(413, 'The file is too large', `It is larger than ${bytes(maxModelBytes)}.`, 'Choose another file.');
      return uploadModel(await file.text());
    },
    onSuccess: ({ id }) => {
      onKept(id);
      void client.invalidateQueries({ queryKey: modelsQuery.queryKey });
    },
  });
  const take = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = '';
    if (file !== undefined) upload.mutate(file);
  };
  if (blocked !== undefined) return null;
  return (
    <span className={styles.headed}>
      {upload.isError && <Refused error={upload.error} />}
      <input ref={field} type="file" accept=".json,application/json" hidden aria-label="Model file" onChange={take} />
      <Button size="small" icon={<ArrowUpload16Regular />} disabled={upload.isPending} onClick={() => field.current?.click()}>
        {upload.isPending ? 'Uploading …' : 'Upload a model'}
      </Button>
    </span>
  );
}
