namespace NexusGen.Weights.Modules;

/// <summary>A <see cref="BlockList{T}"/> whatever its blocks are.</summary>
internal interface IBlockList;
