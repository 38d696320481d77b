/**
 * Forms of functions of PostgreSQL's own extensions whose arguments are all built-in types, as in `FUNCTION_FORMS`, one
 * extension a text; a function that has another form too is left out.
 *
 * Source: `pg_proc` of each on 13, 15, 17 and 18; checked by test/database/type-data.test.ts.
 */
export const EXTENSION_FORMS: Readonly<Record<string, string>> = {
  fuzzystrmatch: `
daitch_mokotoff text)_text
difference text,text)int4
dmetaphone text)text
dmetaphone_alt text)text
levenshtein text,text)int4 text,text,int4,int4,int4)int4
levenshtein_less_equal text,text,int4)int4 text,text,int4,int4,int4,int4)int4
metaphone text,int4)text
soundex text)text
text_soundex text)text`,
  pg_trgm: `
set_limit float4)float4
show_limit )float4
show_trgm text)_text
similarity text,text)float4
similarity_dist text,text)float4
strict_word_similarity text,text)float4
word_similarity text,text)float4`,
  pgcrypto: `
crypt text,text)text
dearmor text)bytea
decrypt bytea,bytea,text)bytea
decrypt_iv bytea,bytea,bytea,text)bytea
digest bytea,text)bytea text,text)bytea
encrypt bytea,bytea,text)bytea
encrypt_iv bytea,bytea,bytea,text)bytea
gen_random_bytes int4)bytea
gen_salt text)text text,int4)text
hmac bytea,bytea,text)bytea text,text,text)bytea
pgp_key_id bytea)text
pgp_sym_decrypt bytea,text)text bytea,text,text)text
pgp_sym_decrypt_bytea bytea,text)bytea bytea,text,text)bytea
pgp_sym_encrypt text,text)bytea text,text,text)bytea
pgp_sym_encrypt_bytea bytea,text)bytea bytea,text,text)bytea`,
  unaccent: `
unaccent regdictionary,text)text text)text`,
  'uuid-ossp': `
uuid_generate_v1 )uuid
uuid_generate_v1mc )uuid
uuid_generate_v3 uuid,text)uuid
uuid_generate_v4 )uuid
uuid_generate_v5 uuid,text)uuid
uuid_nil )uuid
uuid_ns_dns )uuid
uuid_ns_url )uuid`,
};

/** Operator classes of such extensions that are for one built-in type. Source: `pg_opclass`, as above. */
export const EXTENSION_CLASSES: Readonly<Record<string, string>> = {
  gin_trgm_ops: 'text',
  gist_trgm_ops: 'text',
};
