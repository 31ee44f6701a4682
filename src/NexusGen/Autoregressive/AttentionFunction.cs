using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// Computes the attention of one layer over the new tokens and, with a key-value cache, the tokens before them.
/// </summary>
/// <param name="query">The queries, [batch, heads, length, head width], rotated.</param>
/// <param name="key">The keys, [batch, key-value heads, length, head width], rotated.</param>
/// <param name="value">The values, [batch, key-value heads, length, head width].</param>
/// <returns>[batch, heads, length, head width].</returns>
internal delegate Tensor AttentionFunction(Tensor query, Tensor key, Tensor value);
