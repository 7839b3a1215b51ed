//! Characters as classes: the blank is class 0, the characters of a list are the classes from 1 on.

use gradus_nn::{Error, Result};

/// The characters that a recogniser can say.
///
/// ```
/// use gradus_models::decode::Alphabet;
/// let alphabet = Alphabet::new("ab ")?;
/// assert_eq!(alphabet.classes(), 4);
/// assert_eq!(alphabet.labels("b a")?, [2, 3, 1]);
/// assert_eq!(alphabet.text(&[2, 3, 1]), "b a");
/// let error = alphabet.labels("bad").unwrap_err().to_string();
/// assert_eq!(error, "Alphabet: got 'd' at position 2 of \"bad\", wanted one of \"ab \"");
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alphabet {
    characters: Vec<char>,
}

impl Alphabet {
    /// The characters in the order of their classes.
    ///
    /// # Errors
    /// [`Error::Setting`] if there are none, or one is listed twice.
    pub fn new(characters: &str) -> Result<Self> {
        let characters: Vec<char> = characters.chars().collect();
        let twice = (1..characters.len()).find(|&i| characters[..i].contains(&characters[i]));
        match (twice, characters.first()) {
            (Some(i), _) => {
                let got = format!("{:?} twice", characters[i]);
                Err(Error::setting("Alphabet", got, "every character once"))
            }
            (None, None) => Err(Error::setting("Alphabet", "no characters", "one or more")),
            _ => Ok(Self { characters }),
        }
    }

    /// The characters that some texts have, in the order of their code points: the same texts in another order give
    /// the same alphabet.
    ///
    /// # Errors
    /// [`Error::Setting`] if the texts have no characters.
    pub fn of<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut all = std::collections::BTreeSet::new();
        texts.into_iter().for_each(|text| all.extend(text.as_ref().chars()));
        Self::new(&all.into_iter().collect::<String>())
    }

    /// How many classes a network has, the blank among them.
    pub fn classes(&self) -> usize {
        self.characters.len() + 1
    }

    /// The characters in the order of their classes, from class 1 on.
    pub fn characters(&self) -> &[char] {
        &self.characters
    }

    /// The class of a character.
    pub fn class(&self, character: char) -> Option<usize> {
        self.characters.iter().position(|&c| c == character).map(|i| i + 1)
    }

    /// The classes of the characters of a text.
    ///
    /// # Errors
    /// [`Error::Setting`] that names a character which is not in the alphabet, and where it stands.
    pub fn labels(&self, text: &str) -> Result<Vec<usize>> {
        let label = |(i, c): (usize, char)| {
            self.class(c).ok_or_else(|| {
                let shown: String = text.chars().take(60).collect();
                let all: String = self.characters.iter().collect();
                let got = format!("{c:?} at position {i} of {shown:?}");
                Error::setting("Alphabet", got, format!("one of {all:?}"))
            })
        };
        text.chars().enumerate().map(label).collect()
    }

    /// The text of classes. Blanks and what is no class are left out.
    pub fn text(&self, labels: &[usize]) -> String {
        labels.iter().filter_map(|&label| self.characters.get(label.checked_sub(1)?)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphabets_that_are_none() {
        let says = |characters: &str, message: &str| {
            assert_eq!(Alphabet::new(characters).unwrap_err().to_string(), message);
        };
        says("", "Alphabet: got no characters, wanted one or more");
        says("abca", "Alphabet: got 'a' twice, wanted every character once");
    }

    #[test]
    fn the_order_of_texts_does_not_matter() -> Result<()> {
        let alphabet = Alphabet::of(["ba é", "c"])?;
        assert_eq!(alphabet, Alphabet::of(["c", "éab "])?);
        assert_eq!(alphabet.text(&[0, 1, 2, 99, 5]), " aé");
        Ok(())
    }
}
