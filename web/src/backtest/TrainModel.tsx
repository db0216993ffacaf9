import { Button, Field, Input } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { trainModel } from '../api/commands';
import { learnableQuery, modelsQuery } from '../api/queries';
import type { KeptModel } from '../api/types';
import { usePolicy } from '../app/session';
import { Refused } from '../ui/Refused';
import { Answered } from '../ui/states';
import styles from './Backtest.module.css';
import { decidedText, freshName, missing } from './model';

interface TrainProps {
  models: KeptModel[];
  onStarted: (id: number) => void;
}

/** Trains a model in the background from what people closed. */
export function TrainModel({ models, onStarted }: TrainProps) {
  const learnable = useQuery(learnableQuery);
  const { blocked } = usePolicy();
  const [typed, setTyped] = useState<string>();
  const client = useQueryClient();
  const train = useMutation({
    mutationFn: trainModel,
    onSuccess: ({ id }) => {
      setTyped(undefined);
      onStarted(id);
      void client.invalidateQueries({ queryKey: modelsQuery.queryKey });
    },
  });
  if (blocked !== undefined) return null;
  const name = typed ?? freshName(models);
  const busy = models.some((m) => m.state === 'queued' || m.state === 'training') ? 'A training is under way.' : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    train.mutate(name.trim());
  };
  return (
    <Answered query={learnable} what="what there is to learn from" rows={1}>
      {(l) => {
        const why = busy ?? missing(l) ?? (train.isPending ? 'Starting …' : undefined);
        return (
          <form onSubmit={submit} className={styles.train} aria-label="Train a model">
            <Field label="Name of a new model" size="small">
              <Input value={name} maxLength={100} required onChange={(_, d) => setTyped(d.value)} />
            </Field>
            <Button type="submit" disabled={why !== undefined || name.trim() === ''} title={why ?? ''}>
              Train from our own closures
            </Button>
            <p className="quiet">
              {decidedText(l)} {why}
            </p>
            {train.isError && <Refused error={train.error} />}
          </form>
        );
      }}
    </Answered>
  );
}
