export const handler = () => new Response("a literal path comes before a parameter");
