namespace NexusGen.Weights.Stores;

/// <summary>A tensor of one of several stores.</summary>
/// <param name="Store">The store.</param>
/// <param name="Entry">One of its entries.</param>
internal sealed record StorePart(ITensorStore Store, TensorEntry Entry);
