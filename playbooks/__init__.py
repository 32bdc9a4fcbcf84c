"""The law: plans as data, pure rules, plan files in and out."""
