//! Words in columns, as `help` lists the actions.

/// Words in as few rows as fit into `width`, filled column by column: every column as wide as its
/// longest word, two blanks between them. What is too long for one column gets a row of its own.
pub(super) fn columns(words: &[&str], width: usize) -> String {
    let rows = (1..words.len()).find(|rows| total(&widths(words, *rows)) <= width);
    let rows = rows.unwrap_or(words.len()).max(1);
    let widths = widths(words, rows);
    let mut text = String::new();
    for row in 0..rows {
        let cells = words.iter().skip(row).step_by(rows);
        let padded: Vec<_> = cells
            .zip(&widths)
            .map(|(word, width)| format!("{word:width$}"))
            .collect();
        text += &padded.join("  ");
        text += "\n";
    }
    text
}

fn widths(words: &[&str], rows: usize) -> Vec<usize> {
    let longest = |column: &[&str]| column.iter().map(|word| word.chars().count()).max();
    words.chunks(rows).filter_map(longest).collect()
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fill_downwards() {
        let words = ["a", "bbb", "c", "d", "ee"];
        assert_eq!(columns(&words, 80), "a  bbb  c  d  ee\n");
        assert_eq!(columns(&words, 11), "a    c  ee\nbbb  d\n");
        assert_eq!(columns(&words, 2), "a  \nbbb\nc  \nd  \nee \n");
        assert_eq!(columns(&[], 80), "\n");
    }
}
