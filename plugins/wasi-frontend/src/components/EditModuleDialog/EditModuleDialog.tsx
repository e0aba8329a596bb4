import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { ModuleView } from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { wasiApiRef, type ModuleEdit } from '../../apis';
import { usePlannedWrite, useSameEntity } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ConfirmDialog } from '../ConfirmDialog';
import { PlanView } from '../PlanView';
import { checkDraft, countProblems } from './checkDraft';
import { createMergePatch } from './createMergePatch';
import { EditForm } from './EditForm';
import { fromDraft, toDraft } from './ModuleDraft';
import styles from './EditModuleDialog.module.css';

/** What {@link EditModuleDialog} edits. */
export interface EditModuleDialogProps {
  entity: CompoundEntityRef;
  /** As it was when the user began. */
  view: ModuleView;
  onDone: () => void;
  onClose: () => void;
}

/** Changes a module in two steps: what is wanted, and what that would do. */
export function EditModuleDialog(props: EditModuleDialogProps) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const wasiApi = useApi(wasiApiRef);
  const { ref, module } = props.view;
  const { spec } = module;
  const entity = useSameEntity(props.entity);
  const [draft, setDraft] = useState(() => toDraft(spec));
  /** What is being reviewed; the form is shown where there is nothing. */
  const [edit, setEdit] = useState<ModuleEdit>();
  const [submitted, setSubmitted] = useState(false);
  const content = useRef<HTMLDivElement>(null);

  const problems = useMemo(() => checkDraft(draft, spec), [draft, spec]);
  const count = countProblems(problems);
  const patch = useMemo(
    () => createMergePatch(spec, fromDraft(draft, spec)),
    [draft, spec],
  );
  const plan = useCallback(
    (signal: AbortSignal) =>
      wasiApi.planChange(entity, ref, edit ?? {}, { signal }),
    [wasiApi, entity, ref, edit],
  );
  const write = usePlannedWrite({
    plan: edit && plan,
    perform: agreed => wasiApi.changeModule(entity, ref, edit ?? {}, agreed),
  });

  // Each step takes the place of what had the focus.
  const reviewing = edit !== undefined;
  const shown = useRef(reviewing);
  useEffect(() => {
    if (shown.current !== reviewing) {
      shown.current = reviewing;
      content.current?.focus();
    }
  }, [reviewing]);

  const review = () => {
    setSubmitted(true);
    if (count > 0) {
      content.current
        ?.querySelector<HTMLElement>('[aria-invalid="true"]')
        ?.focus();
    } else if (patch) {
      setEdit({ spec: patch });
    }
  };
  const apply = async () => {
    if (await write.apply()) {
      props.onDone();
    }
  };

  return (
    <ConfirmDialog
      wide
      title={
        edit
          ? t('edit.planHeading', { name: ref.name })
          : t('edit.heading', { name: ref.name })
      }
      confirm={edit ? t('edit.apply') : t('edit.review')}
      isDisabled={edit ? !write.ready : !patch}
      isPending={write.work.phase === 'working'}
      onConfirm={edit ? apply : review}
      onBack={edit && (() => setEdit(undefined))}
      onClose={props.onClose}
    >
      <div ref={content} tabIndex={-1} className={styles.content}>
        {edit ? (
          <>
            <Text>
              {t('edit.planText', {
                name: ref.name,
                namespace: ref.namespace,
                cluster: ref.cluster,
              })}
            </Text>
            <PlanView write={write} />
          </>
        ) : (
          <>
            <EditForm
              spec={spec}
              draft={draft}
              problems={problems}
              onChange={setDraft}
            />
            <div role="status">
              {!patch && <Text color="secondary">{t('edit.unchanged')}</Text>}
              {submitted && count > 0 && (
                <Text color="danger">{t('edit.problems', { count })}</Text>
              )}
            </div>
          </>
        )}
      </div>
    </ConfirmDialog>
  );
}
