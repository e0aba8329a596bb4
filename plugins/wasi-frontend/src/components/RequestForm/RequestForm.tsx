import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Button,
  Radio,
  RadioGroup,
  Select,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import { RiSendPlaneLine } from '@remixicon/react';
import {
  invokeRequestSchema,
  type InvokeRequest,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useState, type FormEvent } from 'react';
import { wasiTranslationRef } from '../../translation';
import { CloudEventFields } from './CloudEventFields';
import { emptyEvent, readEvent } from './eventDraft';
import { parseHeaders } from './parseHeaders';
import styles from './RequestForm.module.css';

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
] as const;

type Method = (typeof METHODS)[number];

/** A request to be sent to a module: method, path, headers and body, or a CloudEvent. */
export function RequestForm(props: {
  pending: boolean;
  onSend: (request: InvokeRequest) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const [kind, setKind] = useState<'http' | 'event'>('http');
  const [method, setMethod] = useState<Method>('GET');
  const [path, setPath] = useState('/');
  const [headers, setHeaders] = useState('');
  const [body, setBody] = useState('');
  const [event, setEvent] = useState(emptyEvent);
  const isEvent = kind === 'event';
  const parsedHeaders = parseHeaders(headers);
  const parsedEvent = readEvent(event);
  const pathInvalid = !/^\/(?!\/)/.test(path);
  const takesBody = isEvent || (method !== 'GET' && method !== 'HEAD');
  const bodyInvalid =
    takesBody && !invokeRequestSchema.safeParse({ body }).success;
  const invalid =
    pathInvalid ||
    bodyInvalid ||
    parsedHeaders.invalidLine !== undefined ||
    (isEvent && parsedEvent.invalid.length > 0);

  const send = (submit: FormEvent) => {
    submit.preventDefault();
    if (invalid || !parsedHeaders.headers) {
      return;
    }
    props.onSend({
      ...(isEvent ? { cloudEvent: parsedEvent.event } : { method }),
      path,
      headers: parsedHeaders.headers,
      ...(takesBody && body !== '' && { body }),
    });
  };

  return (
    <form className={styles.form} onSubmit={send}>
      <RadioGroup
        label={t('request.kind')}
        orientation="horizontal"
        value={kind}
        onChange={value => setKind(value === 'event' ? 'event' : 'http')}
      >
        <Radio value="http">{t('request.http')}</Radio>
        <Radio value="event">{t('request.event')}</Radio>
      </RadioGroup>
      <div className={styles.line}>
        {!isEvent && (
          <Select
            className={styles.method}
            label={t('request.method')}
            options={METHODS.map(id => ({ id, label: id }))}
            selectedKey={method}
            onSelectionChange={key => {
              const chosen = METHODS.find(id => id === key);
              if (chosen) {
                setMethod(chosen);
              }
            }}
          />
        )}
        <TextField
          className={styles.path}
          label={t('request.path')}
          value={path}
          onChange={setPath}
          isInvalid={pathInvalid}
          description={pathInvalid ? t('request.pathInvalid') : undefined}
          spellCheck="false"
        />
      </div>
      {isEvent && (
        <CloudEventFields
          draft={event}
          invalid={parsedEvent.invalid}
          onChange={setEvent}
        />
      )}
      {takesBody && (
        <TextAreaField
          label={isEvent ? t('event.data') : t('request.body')}
          value={body}
          onChange={setBody}
          isInvalid={bodyInvalid}
          description={bodyInvalid ? t('request.bodyTooLong') : undefined}
          rows={4}
          spellCheck="false"
        />
      )}
      <Accordion>
        <AccordionTrigger title={t('request.headers')} />
        <AccordionPanel>
          <TextAreaField
            label={t('request.headers')}
            description={
              parsedHeaders.invalidLine
                ? t('request.headersInvalid', {
                    line: String(parsedHeaders.invalidLine),
                  })
                : t('request.headersHint')
            }
            isInvalid={parsedHeaders.invalidLine !== undefined}
            value={headers}
            onChange={setHeaders}
            rows={3}
            spellCheck="false"
          />
        </AccordionPanel>
      </Accordion>
      <div className={styles.actions}>
        <Button
          type="submit"
          iconStart={<RiSendPlaneLine />}
          isPending={props.pending}
          isDisabled={invalid}
        >
          {t('request.send')}
        </Button>
        {props.pending && (
          <Button variant="secondary" onPress={props.onCancel}>
            {t('request.cancel')}
          </Button>
        )}
      </div>
    </form>
  );
}
