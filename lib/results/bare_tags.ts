/** The HTML that texts of models contain beside Markdown: tags without attributes that change the look of words. */

/** The names, for a pattern. */
export const LOOKS = "sup|sub|b|strong|i|em|u|s|del|ins|code|kbd|mark|small";
