"""Who is there: sites, posts, people, contacts, and the rights of users."""
