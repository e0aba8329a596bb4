use std::process::ExitCode;

/// Counts the lines of the file that is its argument.
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, path] = arguments.as_slice() else {
        eprintln!("usage: {} FILE", arguments[0]);
        return ExitCode::from(2);
    };
    match std::fs::read_to_string(path) {
        Ok(text) => {
            println!("{} {path}", lines(&text));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn counts_line_ends() {
        assert_eq!([lines(""), lines("a"), lines("a\nb\n")], [0, 0, 2]);
    }
}
