using NexusGen.Model;

namespace NexusGen.Jobs;

/// <summary>The text encoders as a stage: nothing stays loaded, but while it is leased their memory is set aside.</summary>
/// <param name="Encoder">Loads an encoder, uses it and lets it go.</param>
internal sealed record PromptEncoderLease(PromptEncoder Encoder) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
