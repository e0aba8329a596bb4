${{ values.text if values.kind == 'text' else ';; The module is taken from a registry.' }}
