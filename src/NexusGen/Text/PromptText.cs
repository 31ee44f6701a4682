namespace NexusGen.Text;

/// <summary>A prompt that is not tokenized yet: what the chat template wrote, and the texts of the messages.</summary>
/// <param name="Pieces">The pieces in order.</param>
internal sealed record PromptText(IReadOnlyList<PromptPiece> Pieces)
{
    /// <summary>Converts a prompt that was rendered elsewhere: all special tokens in it are tokens.</summary>
    /// <param name="rendered">The prompt.</param>
    public static implicit operator PromptText(string rendered) => new([new PromptPiece(rendered, IsTemplate: true)]);

    /// <summary>Returns the text of all pieces.</summary>
    public override string ToString() => string.Concat(Pieces.Select(piece => piece.Text));
}
