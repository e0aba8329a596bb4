import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  ButtonIcon,
  PasswordField,
  Text,
  TextField,
} from '@backstage/ui';
import { RiAddLine, RiDeleteBinLine } from '@remixicon/react';
import { looksSecret } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { EnvironmentValue } from '../EnvironmentTable';
import type { DraftProblems } from './checkDraft';
import type { VariableDraft } from './ModuleDraft';
import styles from './EditModuleDialog.module.css';

/** The environment of a module; secrets are written over, never shown. */
export function VariableFields(props: {
  env: readonly VariableDraft[];
  problems: Pick<DraftProblems, 'names' | 'values'>;
  onChange: (env: VariableDraft[]) => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { env, problems, onChange } = props;
  const change = (index: number, edit: Partial<VariableDraft>) =>
    onChange(
      env.map((variable, at) =>
        at === index ? { ...variable, ...edit } : variable,
      ),
    );
  return (
    <>
      {env.length === 0 && (
        <Text variant="body-small">{t('edit.noVariables')}</Text>
      )}
      {env.map((variable, index) => {
        const problem = problems.names.get(index);
        const number = String(index + 1);
        return (
          <div
            // Names are edited, so that variables keep their fields by place.
            key={index}
            role="group"
            aria-label={t('edit.variable', { index: number })}
            className={styles.variable}
          >
            <TextField
              className={styles.name}
              label={t('configuration.name')}
              value={variable.name}
              onChange={name => change(index, { name })}
              isInvalid={problem !== undefined}
              description={problem && t(`edit.${problem}`)}
              spellCheck="false"
            />
            <VariableValue
              variable={variable}
              isUnknown={problems.values.has(index)}
              onChange={value => change(index, { value })}
            />
            <ButtonIcon
              variant="tertiary"
              icon={<RiDeleteBinLine />}
              aria-label={t('edit.removeVariable', { index: number })}
              onPress={() => onChange(env.filter((_, at) => at !== index))}
            />
          </div>
        );
      })}
      <div>
        <Button
          variant="secondary"
          size="small"
          iconStart={<RiAddLine />}
          onPress={() => onChange([...env, { name: '', value: '' }])}
        >
          {t('edit.addVariable')}
        </Button>
      </div>
    </>
  );
}

function VariableValue(props: {
  variable: VariableDraft;
  /** A secret of another name, which is not known here. */
  isUnknown: boolean;
  onChange: (value: string) => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { name, value, kept } = props.variable;
  if (kept?.valueFrom) {
    return (
      <div>
        <Text as="div" variant="body-small" weight="bold">
          {t('configuration.value')}
        </Text>
        <EnvironmentValue variable={kept} />
      </div>
    );
  }
  const shared = {
    label: t('configuration.value'),
    value,
    onChange: props.onChange,
    spellCheck: 'false' as const,
  };
  // By its name alone: the field must not change while its value is written.
  if (kept || looksSecret({ name, value: '-' })) {
    return (
      <PasswordField
        {...shared}
        autoComplete="off"
        isInvalid={props.isUnknown}
        description={describe()}
      />
    );
  }
  return <TextField {...shared} />;

  function describe(): string | undefined {
    if (!kept) {
      return undefined;
    }
    return props.isUnknown ? t('edit.renamed') : t('edit.kept');
  }
}
