namespace NexusGen.Weights.Modules;

/// <summary>
/// How linear layers store their weight. A model never knows: it is given by <see cref="LoadOptions.LinearFormat"/>, and a
/// new format is a new implementation of this interface, nothing else.
/// </summary>
public interface ILinearFormat
{
    /// <summary>Its name, as the command line takes it.</summary>
    string Name { get; }

    /// <summary>Loads the weight of one layer.</summary>
    /// <param name="source">The layer's place; the weight's name there is <c>weight</c>.</param>
    /// <param name="outFeatures">Rows of the weight.</param>
    /// <param name="inFeatures">Columns of the weight.</param>
    /// <param name="initialization">How the weight starts when trained from nothing.</param>
    LinearWeight Load(WeightSource source, long outFeatures, long inFeatures, Initialization initialization);
}
