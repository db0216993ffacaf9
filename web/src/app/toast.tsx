import { Button, Toast, ToastBody, ToastTitle, ToastTrigger, useToastController } from '@fluentui/react-components';
import { Problem } from '../api/client';

export const toasterId = 'clew';

/** Short messages at the lower right. */
export function useToast() {
  const { dispatchToast } = useToastController(toasterId);
  return {
    done: (title: string) =>
      dispatchToast(
        <Toast>
          <ToastTitle>{title}</ToastTitle>
        </Toast>,
        { intent: 'success', timeout: 4_000 },
      ),
    /** What was done, with the way back. */
    undoable: (title: string, undo: () => void) =>
      dispatchToast(
        <Toast>
          <ToastTitle
            action={
              <ToastTrigger>
                <Button size="small" appearance="transparent" onClick={undo}>
                  Undo
                </Button>
              </ToastTrigger>
            }
          >
            {title}
          </ToastTitle>
        </Toast>,
        { intent: 'success', timeout: 12_000 },
      ),
    failed: (title: string, error: unknown) =>
      dispatchToast(
        <Toast>
          <ToastTitle>{title}</ToastTitle>
          <ToastBody>
            {error instanceof Problem ? `${error.message} ${error.next}` : 'Something unexpected happened in the portal.'}
          </ToastBody>
        </Toast>,
        { intent: 'error', timeout: 12_000 },
      ),
  };
}
