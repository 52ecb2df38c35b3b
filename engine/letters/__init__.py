"""Letters as .docx drafts in the form of Nghị định 30/2020/NĐ-CP; a person finishes and signs them."""
