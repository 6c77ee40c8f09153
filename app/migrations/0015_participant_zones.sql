-- Where a participant's clock stood: an IANA name, or empty when nobody said it.
alter table participants add column zone text not null default '';
