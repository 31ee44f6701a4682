namespace NexusGen.Weights.Modules;

/// <summary>A <see cref="BlockList{T}"/> of any type of block.</summary>
internal interface IBlockList;
