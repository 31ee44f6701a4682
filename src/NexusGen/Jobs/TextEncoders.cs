using NexusGen.Model;

namespace NexusGen.Jobs;

/// <summary>
/// The text encoders as a component. No encoder stays loaded; the component only reserves the memory of the larger one while it
/// is in the cache.
/// </summary>
/// <param name="Encoder">Loads a text encoder, uses it and unloads it.</param>
internal sealed record TextEncoders(FluxTextEncoders Encoder) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
