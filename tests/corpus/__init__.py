"""Booking mails, and what each should propose; attacks, and what none of them may reach. See README.md."""
