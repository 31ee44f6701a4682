namespace NexusGen.Autoregressive;

/// <summary>Why a reply ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended it.</summary>
    EndOfReply,

    /// <summary>The number of tokens that were allowed is reached.</summary>
    Length,

    /// <summary>One of the caller's stop sequences appeared.</summary>
    StopSequence,
}
