import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Checkbox, Text, TextField } from '@backstage/ui';
import {
  isWasiError,
  parseImageReference,
  type WasmModuleSpec,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useId, type ReactNode } from 'react';
import { wasiTranslationRef } from '../../translation';
import { NetworkRules } from '../NetworkRules';
import { VolumesTable } from '../VolumesTable';
import { ArgumentFields } from './ArgumentFields';
import type { DraftProblems } from './checkDraft';
import { resourceFields, type ModuleDraft } from './ModuleDraft';
import { VariableFields } from './VariableFields';
import styles from './EditModuleDialog.module.css';

/** What of a module a user may change here. */
export function EditForm(props: {
  /** What the cluster has. */
  spec: WasmModuleSpec;
  draft: ModuleDraft;
  problems: DraftProblems;
  onChange: (draft: ModuleDraft) => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { spec, draft, problems } = props;
  const change = (edit: Partial<ModuleDraft>) =>
    props.onChange({ ...draft, ...edit });
  return (
    <>
      <TextField
        label={t('edit.image')}
        value={draft.image}
        onChange={image => change({ image })}
        isInvalid={problems.image !== undefined}
        description={
          problems.image ??
          (isByDigest(draft.image)
            ? t('edit.imageByDigest')
            : t('edit.imageByTag'))
        }
        spellCheck="false"
      />
      <Part heading={t('configuration.arguments')}>
        <ArgumentFields args={draft.args} onChange={args => change({ args })} />
      </Part>
      <Part heading={t('configuration.environment')}>
        <VariableFields
          env={draft.env}
          problems={problems}
          onChange={env => change({ env })}
        />
      </Part>
      <Part heading={t('configuration.resources')}>
        <div className={styles.resources}>
          {resourceFields.map(field => (
            <TextField
              key={field}
              label={t(`edit.resource.${field}`)}
              value={draft.resources[field]}
              onChange={value =>
                change({ resources: { ...draft.resources, [field]: value } })
              }
              isInvalid={problems.resources.has(field)}
              description={
                field.endsWith('cpu') ? t('edit.cpuHint') : t('edit.memoryHint')
              }
              spellCheck="false"
            />
          ))}
        </div>
      </Part>
      <NetworkRules
        label={t('network.heading')}
        description={t('fields.network.description')}
        rows={draft.network}
        onChange={network => change({ network })}
      />
      <div className={styles.checks}>
        <Checkbox
          isSelected={draft.inherit}
          onChange={inherit => change({ inherit })}
        >
          {t('edit.inherit')}
        </Checkbox>
        <Checkbox
          isSelected={draft.dnsLookup}
          onChange={dnsLookup => change({ dnsLookup })}
        >
          {t('edit.dnsLookup')}
        </Checkbox>
      </div>
      {(spec.volumes?.length || spec.volumeMounts?.length) && (
        <Part heading={t('configuration.volumes')}>
          <Text color="secondary">{t('edit.volumesNote')}</Text>
          <VolumesTable
            volumes={spec.volumes ?? []}
            mounts={spec.volumeMounts ?? []}
          />
        </Part>
      )}
    </>
  );
}

function Part(props: { heading: string; children: ReactNode }) {
  const id = useId();
  return (
    <div role="group" aria-labelledby={id} className={styles.part}>
      <Text id={id} variant="body-medium" weight="bold">
        {props.heading}
      </Text>
      {props.children}
    </div>
  );
}

function isByDigest(image: string): boolean {
  try {
    return parseImageReference(image.trim()).digest !== undefined;
  } catch (error) {
    if (isWasiError(error)) {
      // What is wrong with it is said in place of this.
      return false;
    }
    throw error;
  }
}
