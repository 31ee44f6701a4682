using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>Attention of one layer, with whatever it attends to besides the new tokens.</summary>
/// <param name="query">[batch, heads, length, head width], rotated.</param>
/// <param name="key">[batch, key-value heads, length, head width], rotated.</param>
/// <param name="value">[batch, key-value heads, length, head width].</param>
/// <returns>[batch, heads, length, head width].</returns>
internal delegate Tensor AttentionFunction(Tensor query, Tensor key, Tensor value);
