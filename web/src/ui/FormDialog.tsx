import { Button, DialogActions, DialogBody, DialogContent, DialogTitle } from '@fluentui/react-components';
import type { FormEvent, ReactNode } from 'react';
import styles from './FormDialog.module.css';
import { Modal } from './Modal';
import { Refused } from './Refused';

/** What the server was asked for; a mutation is one. */
interface Request {
  isPending: boolean;
  error: unknown;
}

export interface FormDialogProps {
  title: string;
  /** What the button says that sends it. */
  submit: string;
  /** Whether what is filled in can be sent. */
  ready?: boolean;
  /** Why nothing can be sent at all. */
  blocked?: string | undefined;
  /** What sending asks of the server; without one, it is done at once. */
  request?: Request;
  /** It can't be undone: without a field, the focus starts on the way out. */
  irreversible?: boolean;
  /** What the way out is called. */
  cancel?: string;
  /** Further buttons. */
  actions?: ReactNode;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog that asks for something and sends it: by its button or by Enter, once at a time. */
export function FormDialog(props: FormDialogProps) {
  return (
    <Modal asks={props.title} onClose={props.onClose}>
      <DialogForm {...props} />
    </Modal>
  );
}

/** Whether it can be sent now: filled in, allowed, and not on its way already. */
export function sendable({ ready = true, blocked, request }: Pick<FormDialogProps, 'ready' | 'blocked' | 'request'>): boolean {
  return ready && blocked === undefined && request?.isPending !== true;
}

/** What is inside: title, fields, what went wrong, and the buttons. */
export function DialogForm(props: FormDialogProps) {
  const { title, request, irreversible = false, cancel = 'Cancel' } = props;
  const can = sendable(props);
  const busy = request?.isPending === true;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A form of a portal bubbles into whatever form the dialog was opened from.
    event.stopPropagation();
    if (can) props.onSubmit();
  };
  // Its buttons keep the focus while nothing can be sent: without it, Escape would not be heard.
  return (
    <form onSubmit={submit} aria-busy={busy} noValidate>
      <DialogBody>
        <DialogTitle>{title}</DialogTitle>
        <DialogContent className={styles.content}>
          {props.children}
          {request?.error != null && !busy && <Refused error={request.error} />}
        </DialogContent>
        <DialogActions className={styles.actions}>
          <Button
            type="submit"
            appearance="primary"
            disabledFocusable={!can}
            title={props.blocked}
            data-first-focus={irreversible ? undefined : true}
          >
            {props.submit}
          </Button>
          {props.actions}
          <Button type="button" data-first-focus={irreversible ? true : undefined} onClick={props.onClose}>
            {cancel}
          </Button>
        </DialogActions>
      </DialogBody>
    </form>
  );
}
